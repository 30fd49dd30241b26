-- Webhooks, attachments and bulk work. Every row carries its tenant.
SELECT 1;
