"""The only place where triage meets databases, model libraries, language models and helpdesks."""
