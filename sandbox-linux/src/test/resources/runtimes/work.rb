require 'fileutils'
require 'socket'
require 'tempfile'

total = 0
lock = Mutex.new
(1..4).map { |i| Thread.new { i.step(1000, 4) { |n| lock.synchronize { total += n } } } }
  .each(&:join)
puts "sum #{total}"
File.write('/work/numbers', "5\n3\n8\n1\n2")
FileUtils.cp('/work/numbers', '/work/copy', preserve: true)
puts "sorted #{File.readlines('/work/copy').map(&:to_i).sort.join(' ')}"
puts "child #{`echo hello`}"
Process.wait(fork { exit! })
Tempfile.create { |f| f.write('x') }
if ARGV.include?('serve')
  server = TCPServer.new('127.0.0.1', 0)
  Thread.new do
    peer = server.accept
    asked = peer.readpartial(16)
    sleep 0.01
    peer.write(asked.sub('ping', 'pong'))
    peer.close
  end
  client = TCPSocket.new('127.0.0.1', server.addr[1])
  client.write('ping 42')
  puts client.read
end
