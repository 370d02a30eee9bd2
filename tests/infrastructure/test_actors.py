"""Who may act is read again every second, whatever went wrong the second before."""

from contextlib import ExitStack
from dataclasses import replace

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from application.errors import NotAuthenticated
from infrastructure.actors import Registration, TokenAuthenticator, register
from infrastructure.clock import system_clock
from infrastructure.tokens import Issuer, Verifier
from tests.infrastructure.test_tokens import KEY
from tests.waiting import until

OFFICER = Registration("o-1", "unit-1", "agency", ("officer",))


def test_a_dismissed_officer_is_locked_out_after_a_second_in_which_no_connection_was_free(engine: sa.Engine) -> None:
    issuer = Issuer(KEY, system_clock)
    register(engine, OFFICER)
    authenticator = TokenAuthenticator(engine, Verifier(issuer.public_keys(), system_clock))
    pool = engine.pool
    assert isinstance(pool, sa.QueuePool)
    pool._timeout = 0.01
    authenticator.start()
    try:
        with capture_logs() as lines, ExitStack() as held:
            for _ in range(pool.size() + pool._max_overflow):
                held.enter_context(engine.connect())
            until(lambda: any(line["event"] == "actors.unread" for line in lines), "the table could not be read")
        register(engine, replace(OFFICER, active=False))
        until(lambda: not authenticator._people, "the table was read again")
    finally:
        authenticator.stop()
    with pytest.raises(NotAuthenticated):
        authenticator.authenticate(issuer.issue("o-1", "officer", 60))
