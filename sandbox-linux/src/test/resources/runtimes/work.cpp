#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <filesystem>
#include <future>
#include <iostream>
#include <iterator>
#include <vector>

int main() {
    std::vector<std::future<long>> parts;
    for (int first = 1; first <= 4; first++)
        parts.push_back(std::async(std::launch::async, [first] {
            long sum = 0;
            for (int n = first; n <= 1000; n += 4) sum += n;
            return sum;
        }));
    long total = 0;
    for (auto &part : parts) total += part.get();
    std::cout << "sum " << total << "\n";
    std::ofstream("/work/numbers") << "5 3 8 1 2";
    std::filesystem::copy_file("/work/numbers", "/work/copy");
    std::ifstream in("/work/copy");
    std::vector<int> numbers{std::istream_iterator<int>(in), {}};
    std::sort(numbers.begin(), numbers.end());
    std::cout << "sorted";
    for (int n : numbers) std::cout << " " << n;
    std::cout << std::endl;
    return std::system("echo child hello");
}
