-- Statistics of the facts in cases are not kept: to make them, each analysis of the table unpacked the documents of up to
-- 30,000 cases, and a growing table is analysed every minute. "Contains" is looked up in the index by any estimate.
ALTER INDEX cases_by_fact ALTER COLUMN 1 SET STATISTICS 0;
