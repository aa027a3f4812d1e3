// Answers guesses: lower, higher, right.
#include <fstream>
#include <iostream>
#include <string>

int main(int argc, char **argv) {
    if (argc < 4) {
        std::cerr << "usage: oracle INPUT ANSWER FEEDBACK/\n";
        return 1;
    }
    long secret, guess;
    std::ifstream(argv[1]) >> secret;
    for (int asked = 0; asked < 20; asked++) {
        if (!(std::cin >> guess)) {
            return 43;
        }
        if (guess == secret) {
            std::cout << "right" << std::endl;
            return 42;
        }
        std::cout << (secret < guess ? "lower" : "higher") << std::endl;
    }
    return 43;
}
