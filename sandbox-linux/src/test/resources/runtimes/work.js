const fs = require("fs");
const net = require("net");
const { execFileSync } = require("child_process");
const { Worker } = require("worker_threads");

const code = `const { parentPort, workerData } = require("worker_threads");
  let sum = 0;
  for (let n = workerData; n <= 1000; n += 4) sum += n;
  parentPort.postMessage(sum);`;
const part = (i) =>
  new Promise((done, failed) =>
    new Worker(code, { eval: true, workerData: i }).on("message", done).on("error", failed));

async function main() {
  const parts = await Promise.all([1, 2, 3, 4].map(part));
  console.log("sum " + parts.reduce((a, b) => a + b));
  fs.writeFileSync("/work/numbers", "5\n3\n8\n1\n2");
  await fs.promises.copyFile("/work/numbers", "/work/copy");
  const numbers = fs.readFileSync("/work/copy", "utf8").split("\n").map(Number);
  console.log("sorted " + numbers.sort((a, b) => a - b).join(" "));
  console.log("child " + execFileSync("echo", ["hello"]).toString().trim());
  if (process.argv.includes("serve")) {
    const server = net.createServer((peer) =>
      peer.on("data", (d) => setTimeout(() => peer.end(d.toString().replace("ping", "pong")), 10)));
    server.listen(0, "127.0.0.1", () => {
      const client = net.connect(server.address().port, "127.0.0.1", () => client.write("ping 42"));
      client.on("data", (d) => console.log(d.toString()));
      client.on("close", () => server.close());
    });
  }
}
main();
