-- ?
SELECT 1;
