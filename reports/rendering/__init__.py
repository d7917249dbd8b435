"""What all reports are made of: text made safe, lines, Markdown, HTML documents, parts of a finding."""
