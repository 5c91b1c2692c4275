"""The call flow drawn: of one public number or of a whole tenant, as SVG, Mermaid, JSON and an interactive page.

``picture`` says what is drawn (and what is drawn together), ``layout`` where, ``svg`` and ``mermaid`` how. The page's
calls are walked over a table that :mod:`pbx.graph.table` asks of the compiler's own trace.
"""
