-- Corrections beside suggestions, and the models in use. Every row carries its tenant.
SELECT 1;
