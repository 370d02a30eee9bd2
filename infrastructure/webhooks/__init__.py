"""Webhooks: receivers elsewhere are told of events as they are recorded, and no command ever waits for one of them.

``receivers`` keeps who is told of what, ``signing`` their secrets, ``message`` what is sent, ``addresses`` where nothing is
ever sent; ``progress`` is what a delivering process writes down, ``courier`` delivers to one receiver, ``dispatcher`` is the
thread that runs a courier for every receiver no other process delivers to.
"""
