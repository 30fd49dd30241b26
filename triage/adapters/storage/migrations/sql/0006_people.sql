-- Users, their sessions and what they may do. Every row carries its tenant.
SELECT 1;
