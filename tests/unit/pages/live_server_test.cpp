#include <httplib.h>
#include <poll.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>
#include <utility>
#include <vector>

#include "pages/live/live_server.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"
#include "unit/pages/chart_library_folder.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::live;
using namespace std::chrono_literals;

namespace {

/// A board with one trial, one picture [2, 3, 1] and two points, served on a free port.
struct Served {
  explicit Served(const std::string& host = "127.0.0.1", std::optional<int> port = 0)
      : server(fill(board), host, port) {}
  ~Served() {
    board.finish(RunState::finished);
    server.close(0ms);
  }

  static const LiveBoard& fill(LiveBoard& board) {
    board.add_trial({}, {{"loss.beta", 1.0, true}});
    board.set_picture(0, "samples", {7, 2, 3, 1, {1, 2, 3, 4, 5, 6}, ""});
    board.set_points(0, "codes", {7, {0, 1, 2, 3}, {5, 6}});
    return board;
  }

  httplib::Client client() const { return httplib::Client("127.0.0.1", server.port()); }
  int status(const std::string& path, const httplib::Headers& headers = {}) const {
    const auto response = client().Get(path, headers);
    return response ? response->status : -1;
  }

  LiveBoard board{"e"};
  LiveServer server;
};

/// Reads /events until `enough` says so. @returns all that was sent
std::string read_events(const Served& served,
                        const std::function<bool(const std::string&)>& enough) {
  std::string text;
  served.client().Get("/events", [&](const char* data, std::size_t size) {
    text.append(data, size);
    return !enough(text);
  });
  return text;
}

}  // namespace

TEST_CASE("the page and all that it names are served as they are in the folders") {
  const auto framework = std::string(std::getenv("VARIA_SOURCE_DIR")) + "/framework/pages/";
  Served served;
  const auto page = served.client().Get("/");
  REQUIRE(page);
  CHECK(contains(page->body, "<title>Varia</title>"));
  CHECK(!contains(page->body, "<!--scripts-->"));
  const std::regex reference(R"re((?:src|href)="([^"]+)")re");
  std::size_t count = 0;
  for (std::sregex_iterator at(page->body.begin(), page->body.end(), reference), end; at != end;
       ++at, ++count) {
    const auto name = (*at)[1].str();
    INFO(name);
    const auto response = served.client().Get("/" + name);
    REQUIRE(response);
    CHECK(response->status == 200);
    if (contains(name, "echarts")) continue;
    std::string file;
    for (const auto* folder : {"live/page/", "shared/", "shared/page/"})
      if (std::filesystem::exists(framework + folder + name)) file = framework + folder + name;
    CHECK(response->body == results::bytes_of(file));
    const auto type = response->get_header_value("Content-Type");
    if (name.ends_with(".js")) CHECK(type == "text/javascript; charset=utf-8");
    if (name.ends_with(".css")) CHECK(type == "text/css; charset=utf-8");
  }
  CHECK(count >= 25);
}

TEST_CASE("the chart library is served from this machine, and not compressed for it") {
  Served served;
  const auto response =
      served.client().Get("/echarts.min.js", {{"Accept-Encoding", "gzip, deflate, br"}});
  REQUIRE(response);
  CHECK(response->get_header_value("Content-Encoding").empty());
  CHECK(contains(response->body, "Licensed to the Apache Software Foundation"));
  CHECK(contains(served.client().Get("/echarts/LICENSE")->body, "TERMS AND CONDITIONS FOR USE"));
}

TEST_CASE("without the chart library the page gets a script that says how to fetch it") {
  const DataFolder data;
  Served served;
  const auto response = served.client().Get("/echarts.min.js");
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->body.starts_with("const kChartsMissing = \""));
  CHECK(contains(response->body, "fetch-data echarts"));
  CHECK(served.status("/echarts/LICENSE") == 404);
}

TEST_CASE("a chart library that is not the pinned one is not served") {
  const DataFolder data("alert(1)");
  Served served;
  const auto response = served.client().Get("/echarts.min.js");
  REQUIRE(response);
  CHECK(response->body.starts_with("const kChartsMissing = \""));
  CHECK_FALSE(contains(response->body, "alert(1)"));
}

TEST_CASE("pictures are sent as bytes with their size") {
  Served served;
  const auto response = served.client().Get("/pictures/0/0");
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->body == "\1\2\3\4\5\6");
  CHECK(response->get_header_value("Varia-Height") == "2");
  CHECK(response->get_header_value("Varia-Width") == "3");
  CHECK(response->get_header_value("Varia-Channels") == "1");
  CHECK(response->get_header_value("Varia-Epoch") == "7");
}

TEST_CASE("scatter plots are sent as JSON") {
  Served served;
  const auto response = served.client().Get("/points/0/1");
  REQUIRE(response);
  const auto read = nlohmann::json::parse(response->body);
  CHECK(read["labels"] == nlohmann::json{5, 6});
  CHECK(read["xy"][1] == nlohmann::json{2, 3});
}

TEST_CASE("nothing else is served") {
  Served served;
  for (const auto* path : {"/live.html",
                           "/page.html",
                           "/blocks.js",
                           "/echarts/echarts.min.js",
                           "/pictures",
                           "/pictures/0/1",
                           "/pictures/1/0",
                           "/pictures/-1/0",
                           "/pictures/99999999999999999999/0",
                           "/pictures/0/0/0",
                           "/points/0/0",
                           "/../etc/passwd",
                           "/..%2f..%2fetc/passwd",
                           "/%2e%2e/%2e%2e/etc/passwd",
                           "//etc/passwd",
                           "/etc/passwd",
                           "/live.js/../../CMakeLists.txt",
                           "/results",
                           "/live.js%00",
                           "/trials"}) {
    INFO(path);
    CHECK(served.status(path) == 404);
  }
}

TEST_CASE("every method but GET is refused") {
  Served served;
  auto client = served.client();
  for (const auto* path : {"/", "/events", "/pictures/0/0"}) {
    INFO(path);
    const auto response = client.Post(path, "x", "text/plain");
    REQUIRE(response);
    CHECK(response->status == 405);
    CHECK(response->get_header_value("Allow") == "GET");
    CHECK(client.Put(path, "x", "text/plain")->status == 405);
    CHECK(client.Delete(path)->status == 405);
    CHECK(client.Options(path)->status == 405);
    CHECK(client.Head(path)->status == 405);
  }
}

TEST_CASE("ranges of a file are refused") {
  Served served;
  CHECK(served.status("/live.js", {{"Range", "bytes=0-,0-,0-"}}) == 416);
}

TEST_CASE("on the loopback a request must name it") {
  Served served;
  const auto port = std::to_string(served.server.port());
  for (const auto& host :
       std::vector<std::string>{"localhost:" + port, "LocalHost:9000", "127.0.0.1:" + port,
                                "127.0.0.1", "[::1]:" + port, "127.1.2.3"}) {
    INFO(host);
    CHECK(served.status("/", {{"Host", host}}) == 200);
  }
  for (const auto& host : std::vector<std::string>{
           "evil.example:" + port, "localhost.evil.example:" + port, "127.0.0.1.evil.example",
           "[::2]:" + port, "10.0.0.1:" + port, "[", "127.0.0.1@evil.example"}) {
    INFO(host);
    CHECK(served.status("/", {{"Host", host}}) == 403);
    CHECK(served.status("/events", {{"Host", host}}) == 403);
    CHECK(served.status("/pictures/0/0", {{"Host", host}}) == 403);
  }
}

TEST_CASE("served to other machines, any name is answered") {
  Served served("0.0.0.0");
  CHECK_FALSE(served.server.is_loopback());
  CHECK(served.status("/", {{"Host", "machine.example"}}) == 200);
}

TEST_CASE("every answer forbids scripts from elsewhere") {
  Served served;
  for (const auto* path : {"/", "/pictures/0/0", "/nothing"}) {
    const auto response = served.client().Get(path);
    REQUIRE(response);
    const auto policy = response->get_header_value("Content-Security-Policy");
    CHECK(contains(policy, "default-src 'none'"));
    CHECK(contains(policy, "script-src 'self';"));
    CHECK_FALSE(contains(policy, "unsafe"));
    CHECK(response->get_header_value("X-Content-Type-Options") == "nosniff");
  }
}

TEST_CASE("events are the whole board, then what changes, then the end") {
  Served served;
  std::thread run;
  const auto text = read_events(served, [&](const std::string& so_far) {
    if (!run.joinable() && contains(so_far, "\n\n"))
      run = std::thread([&] {
        served.board.end(0, results::TrialState::failed, "loss is nan");
        served.board.finish(RunState::finished);
      });
    return contains(so_far, R"("state":"finished")");
  });
  run.join();
  CHECK(text.starts_with("event: board\ndata: {"));
  CHECK(contains(text, R"("swept":{"loss.beta":1.0})"));
  CHECK(contains(text, "\n\nevent: change\ndata: {"));
  CHECK(contains(text, R"("error":"loss is nan")"));
}

TEST_CASE("twenty pages watch a run, and one more is told that these are too many", "[slow]") {
  Served served;
  std::vector<std::thread> pages;
  std::atomic<int> open{0};
  for (int i = 0; i < 20; ++i)
    pages.emplace_back([&] {
      bool counted = false;
      read_events(served, [&](const std::string& text) {
        if (!std::exchange(counted, true)) {
          ++open;
          open.notify_one();
        }
        return contains(text, "finished");
      });
    });
  for (int seen = open; seen < 20; seen = open) open.wait(seen);
  CHECK(served.status("/events") == 503);
  CHECK(served.status("/") == 200);
  served.board.finish(RunState::finished);
  for (auto& page : pages) page.join();
}

TEST_CASE("the end waits for pages that are open and no longer than it is told") {
  auto served = std::make_unique<Served>();
  served->board.finish(RunState::finished);
  SECTION("a page that goes") {
    read_events(*served, [](const std::string& text) { return contains(text, "finished"); });
    served->server.close(10min);
  }
  SECTION("a page that stays") {
    std::thread page([&] { read_events(*served, [](const std::string&) { return false; }); });
    served->server.close(50ms);
    page.join();
  }
  SECTION("no page") { served->server.close(10min); }
  CHECK(served->status("/") == -1);
}

TEST_CASE("a client that never ends its request does not delay the end") {
  auto served = std::make_unique<Served>();
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(served->server.port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  std::atomic<bool> closed{false};
  std::thread client([&] {
    // A byte now and then, as long as the server takes them.
    const std::string request = "GET / HTTP/1.1\r\nX: ";
    send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
    pollfd end{descriptor, POLLIN, 0};
    while (poll(&end, 1, 50) == 0) send(descriptor, "x", 1, MSG_NOSIGNAL);
    closed = true;
  });
  CHECK(served->status("/") == 200);
  served->board.finish(RunState::finished);
  served->server.close(0ms);
  client.join();
  CHECK(closed);
  close(descriptor);
}

TEST_CASE("clients that never ask hold neither the page nor the descriptors of the process",
          "[slow]") {
  LiveBoard board("e");
  LiveServer server(Served::fill(board), "127.0.0.1", 0, 200ms);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(server.port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<int> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(connect(clients.back(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
            0);
    send(clients.back(), "G", 1, MSG_NOSIGNAL);
  }
  httplib::Client client("127.0.0.1", server.port());
  client.set_read_timeout(60);
  const auto response = client.Get("/");
  REQUIRE(response);
  CHECK(response->status == 200);
  for (const int descriptor : clients) {
    pollfd end{descriptor, POLLIN, 0};
    CHECK(poll(&end, 1, 60'000) == 1);
    close(descriptor);
  }
  board.finish(RunState::finished);
}

TEST_CASE("two servers do not share a port") {
  Served first;
  LiveBoard board("e");
  CHECK_THROWS_AS(LiveServer(board, "127.0.0.1", first.server.port()), ConfigError);
}

TEST_CASE("without a port the next free one is taken") {
  Served first("127.0.0.1", std::nullopt);
  Served second("127.0.0.1", std::nullopt);
  CHECK(first.server.port() >= LiveServer::kFirstPort);
  CHECK(second.server.port() > first.server.port());
  CHECK(second.status("/") == 200);
}

TEST_CASE("an address that is not this machine's is refused") {
  LiveBoard board("e");
  // 192.0.2.0/24 is reserved for documentation (RFC 5737).
  CHECK_THROWS_AS(LiveServer(board, "192.0.2.1", 0), ConfigError);
  for (const auto* host : {"", "machine.example", "127.0.0.1:80", "[::1]"}) {
    INFO(host);
    CHECK_THROWS_AS(LiveServer(board, host, 0), ConfigError);
  }
}

TEST_CASE("a server that cannot be had leaves SIGPIPE as it was") {
  Served first;
  LiveBoard board("e");
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  CHECK_THROWS_AS(LiveServer(board, "127.0.0.1", first.server.port()), ConfigError);
  CHECK(std::signal(SIGPIPE, before) == SIG_DFL);
}

TEST_CASE("signals stay what they were") {
  struct sigaction before {
  }, after{};
  sigset_t mask_before, mask_after;
  sigaction(SIGPIPE, nullptr, &before);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  Served served;
  sigaction(SIGPIPE, nullptr, &after);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_after);
  CHECK(before.sa_handler == after.sa_handler);
  CHECK(sigismember(&mask_before, SIGINT) == sigismember(&mask_after, SIGINT));
}
