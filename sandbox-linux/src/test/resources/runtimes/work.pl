use strict;
use warnings;
use threads;
use threads::shared;
use File::Copy;
use IO::Socket::INET;

my $total : shared = 0;
sub add {
    for (my $n = shift; $n <= 1000; $n += 4) { lock($total); $total += $n; }
}
$_->join for map { threads->create(\&add, $_) } 1 .. 4;
print "sum $total\n";
open(my $out, '>', '/work/numbers') or die $!;
print $out "5\n3\n8\n1\n2";
close $out or die $!;
copy('/work/numbers', '/work/copy') or die $!;
open(my $in, '<', '/work/copy') or die $!;
chomp(my @numbers = <$in>);
print "sorted @{[sort { $a <=> $b } @numbers]}\n";
print "child ", `echo hello`;
if (@ARGV) {
    my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die $!;
    my $child = fork() // die $!;
    if ($child == 0) {
        my $peer = $server->accept() or die $!;
        sysread($peer, my $asked, 16) or die $!;
        select(undef, undef, undef, 0.01);
        syswrite($peer, $asked =~ s/ping/pong/r) or die $!;
        exit 0;
    }
    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->sockport)
        or die $!;
    syswrite($client, 'ping 42') or die $!;
    sysread($client, my $said, 16) or die $!;
    print "$said\n";
    waitpid($child, 0);
}
