"""Reactions, each a declaration in a module of its own: commands that follow from recorded events."""

from application.react import Reaction

REACTIONS: tuple[Reaction, ...] = ()
"""Every reaction of the application."""
