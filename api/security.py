"""From a request to the actor behind it: the bearer token, before anything else of the request is looked at."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from application.access import Action, may
from application.errors import NotAuthenticated
from application.world import World
from domain.kernel import Actor


def world_of(request: Request) -> World:
    """The application behind this server."""
    world: World = request.app.state.world
    return world


def actor_of(request: Request) -> Actor:
    """Who is calling. Raises NotAuthenticated."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated("missing")
    return world_of(request).authenticator.authenticate(token.strip())


def allowed(action: Action) -> Callable[[Request], Awaitable[Actor]]:
    """A dependency: the caller, if their role may do this."""

    async def caller(request: Request) -> Actor:
        actor = actor_of(request)
        may(actor, action)
        return actor

    caller.action = action  # type: ignore[attr-defined]
    return caller


WorldHere = Annotated[World, Depends(world_of)]
