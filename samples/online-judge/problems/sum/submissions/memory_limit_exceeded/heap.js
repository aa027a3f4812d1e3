// Fills its heap; the runtime notices.
const all = [];
for (let i = 0; i < 1 << 14; i++) {
  all.push(new Array(1 << 14).fill(i));
}
console.log(all.length);
