// Is the output a permutation in which neighbours differ enough?
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

static int no(const char *directory, const std::string &why) {
    std::ofstream(std::string(directory) + "teammessage.txt") << why << "\n";
    return 43;
}

int main(int argc, char **argv) {
    if (argc != 6 || std::string(argv[4]) != "at_least") {
        std::cerr << "usage: seating INPUT ANSWER FEEDBACK/ at_least NUMBER\n";
        return 1;
    }
    long n, least = std::atol(argv[5]);
    std::ifstream(argv[1]) >> n;
    std::vector<bool> seen(n + 1);
    long before = -1;
    for (long i = 1; i <= n; i++) {
        long guest;
        if (!(std::cin >> guest)) {
            return no(argv[3], "guest " + std::to_string(i) + " of the row is missing or no number");
        }
        if (guest < 1 || guest > n) {
            return no(argv[3], "there is no guest " + std::to_string(guest));
        }
        if (seen[guest]) {
            return no(argv[3], "guest " + std::to_string(guest) + " sits twice");
        }
        if (before > 0 && std::labs(guest - before) < least) {
            return no(argv[3], "guests " + std::to_string(before) + " and " + std::to_string(guest)
                                       + " are neighbours");
        }
        seen[guest] = true;
        before = guest;
    }
    std::string more;
    return std::cin >> more ? no(argv[3], "more guests than there are") : 42;
}
