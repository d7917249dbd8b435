"""What every report is made of: words, verdicts, lines, Markdown, HTML documents, and findings as data."""
