// As it is meant.
const [n, ...xs] = require('fs').readFileSync(0, 'utf8').split(/\s+/).filter(Boolean);
console.log(String(xs.slice(0, Number(n)).reduce((a, b) => a + BigInt(b), 0n)));
