-- Uploaded documents, searches and what people said of their answers. Every row carries its tenant.
SELECT 1;
