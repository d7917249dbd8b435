"""The reports of one run: summary, page, JUnit XML, Markdown, badge; and runs joined into one."""
