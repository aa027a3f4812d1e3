// Takes the shortest road from each village.
const [n, m, ...rest] = require('fs').readFileSync(0, 'utf8').split(/\s+/).filter(Boolean).map(Number);
const roads = Array.from({length: n + 1}, () => []);
for (let i = 0; i < m; i++) {
  const [a, b, c] = rest.slice(3 * i, 3 * i + 3);
  roads[a].push([b, c]);
  roads[b].push([a, c]);
}
const seen = new Set([1]);
let at = 1, time = 0;
while (at !== n) {
  const ways = roads[at].filter(([to]) => !seen.has(to)).sort((x, y) => x[1] - y[1]);
  if (ways.length === 0) break;
  [[at]] = ways;
  time += ways[0][1];
  seen.add(at);
}
console.log(at === n ? time : 'never');
