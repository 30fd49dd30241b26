-- Tombstones, retention and the product safety register. Every row carries its tenant.
SELECT 1;
