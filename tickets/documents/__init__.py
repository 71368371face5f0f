"""Major-fault notices and fault reports: from a record to one document, and from that to paper (§5.4, 7.3).

A record's `facts` are put together once (`notice`, `report`) as a `structure.Document`: a title, facts,
tables, texts, all of them finished strings. The page, the PDF and the Word file are written from that alone,
so that no figure and no word can differ between them. The files are made in a process of their own (`making`,
`maker`).
"""
