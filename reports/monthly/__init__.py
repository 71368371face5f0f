"""The monthly report of the department, of each group, and of clients (§3.2b, §5.2).

A month that is over is drafted once for each whose report it is: `gathering` asks each section for its facts,
`composing` makes of them one document in each language, and both are kept with the report. People add words;
they cannot change a number. What is published is frozen, and all its papers are written from it alone.
"""
