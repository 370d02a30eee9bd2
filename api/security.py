"""From a request to the actor behind it: the bearer token, before anything else of the request is looked at."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from api.problems import invalid
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
    """A dependency: the caller, if their role may do this and the address asks nothing that the route does not know."""

    async def caller(request: Request) -> Actor:
        actor = actor_of(request)
        may(actor, action)
        check_query(request)
        return actor

    caller.action = action  # type: ignore[attr-defined]
    return caller


def check_query(request: Request) -> None:
    """Raise Problem (422) for a query parameter the route has not: a filter with a typing error would list everything."""
    known = query_names(request.scope["route"])
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        reason = f"there is no such parameter; there are {', '.join(sorted(known))}" if known else "there are no parameters"
        raise invalid([{"loc": ("query", name), "msg": reason} for name in unknown])


def query_names(route: APIRoute) -> frozenset[str]:
    """The query parameters of a route, as they are called in an address."""
    return frozenset(field.alias for field in route.dependant.query_params)


WorldHere = Annotated[World, Depends(world_of)]
