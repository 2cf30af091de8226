-- The ten operations with the most violations in an archive of a gateway, without rules over time.
SELECT finding['operation'] AS operation, count(*) AS violations, count(DISTINCT finding['finding']) AS kinds
FROM (
  SELECT unnest(charter_findings(charter_exchange(method, url, status, response_headers, response_body))) AS finding
  FROM archive
)
WHERE finding['severity'] = 'error'
GROUP BY operation
ORDER BY violations DESC, operation
LIMIT 10
