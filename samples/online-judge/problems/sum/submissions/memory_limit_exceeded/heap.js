// Fills its heap; the runtime notices.
const all = [];
for (let i = 0; i < 1 << 24; i++) {
  all.push({i, name: "n" + i});
}
console.log(all.length);
