// As it is meant.
#include <iostream>
#include <queue>
#include <vector>

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<std::pair<int, int>>> roads(n + 1);
    for (int a, b, c; m-- > 0 && std::cin >> a >> b >> c;) {
        roads[a].emplace_back(b, c);
        roads[b].emplace_back(a, c);
    }
    std::vector<long> best(n + 1, -1);
    std::priority_queue<std::pair<long, int>> next;
    next.emplace(0, 1);
    while (!next.empty()) {
        auto [time, at] = next.top();
        next.pop();
        if (best[at] >= 0) {
            continue;
        }
        best[at] = -time;
        for (auto [to, minutes] : roads[at]) {
            if (best[to] < 0) {
                next.emplace(time - minutes, to);
            }
        }
    }
    if (best[n] < 0) {
        std::cout << "never\n";
    } else {
        std::cout << best[n] << "\n";
    }
}
