# As it is meant.
import heapq
n, m, *rest = map(int, open(0).read().split())
roads = [[] for _ in range(n + 1)]
for i in range(m):
    a, b, c = rest[3 * i:3 * i + 3]
    roads[a].append((b, c))
    roads[b].append((a, c))
best = {}
queue = [(0, 1)]
while queue:
    time, at = heapq.heappop(queue)
    if at in best:
        continue
    best[at] = time
    for to, minutes in roads[at]:
        if to not in best:
            heapq.heappush(queue, (time + minutes, to))
print(best.get(n, "Never"))
