"""The demonstration: nine cases made after two news articles, recorded through the HTTP API like anybody's cases.

What the articles claim stands in the cases as a claim: who says so, how far it is established, and when, as vaguely as
it was said. Everything else is made up, and every made-up field is named by a source of kind ``synthetic``. Persons,
places and states have no names. The acts lie in the past and are recorded now: a back-record, each act flagged late.
"""
