-- What people changed in drafts, and what is learnt from it. Every row carries its tenant.
SELECT 1;
