#include <httplib.h>
#include <pthread.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "pages/live/live_server.hpp"
#include "pages/live/page_files.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::live;
using namespace std::chrono_literals;

namespace {

/// A board with one trial, one picture [2, 3, 1] and two points, served on a free port.
struct Served {
  Served() : Served(LiveAddress{"127.0.0.1", 0}) {}
  explicit Served(const LiveAddress& address) : server(fill(board), address) {}
  ~Served() {
    board.finish(RunState::finished);
    server.close(0ms);
  }

  static const LiveBoard& fill(LiveBoard& board) {
    LiveTrial trial;
    trial.label = "loss.beta=1";
    board.set_trials({trial});
    board.set_picture(0, "samples", {7, 2, 3, 1, {1, 2, 3, 4, 5, 6}, ""});
    board.set_points(0, "codes", {7, {0, 1, 2, 3}, {5, 6}, ""});
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

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

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

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the files of the page are in the program as they are in the folder") {
  const std::string framework = std::string(std::getenv("VARIA_SOURCE_DIR")) + "/framework";
  const std::string own = framework + "/live/page";
  const std::string shared = framework + "/page";
  Served served;
  for (const auto& file : page_files()) {
    INFO(file.path);
    const auto response = served.client().Get(std::string(file.path));
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->get_header_value("Content-Type") == file.type);
    const auto name = file.path == "/" ? "/index.html" : std::string(file.path);
    if (file.path == "/chart.min.js")
      CHECK(has(response->body, "Chart.js v"));
    else
      CHECK(response->body == text_of((std::filesystem::exists(own + name) ? own : shared) + name));
  }
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
  for (const auto* path :
       {"/index.html", "/pictures", "/pictures/0/1", "/pictures/1/0", "/pictures/-1/0",
        "/pictures/99999999999999999999/0", "/pictures/0/0/0", "/points/0/0", "/../etc/passwd",
        "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/etc/passwd",
        "/page.js/../../CMakeLists.txt", "/results", "/page.js%00", "/trials"}) {
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
  Served served(LiveAddress{"0.0.0.0", 0});
  CHECK_FALSE(served.server.is_loopback());
  CHECK(served.status("/", {{"Host", "machine.example"}}) == 200);
}

TEST_CASE("every answer forbids scripts from elsewhere") {
  Served served;
  for (const auto* path : {"/", "/pictures/0/0", "/nothing"}) {
    const auto response = served.client().Get(path);
    REQUIRE(response);
    const auto policy = response->get_header_value("Content-Security-Policy");
    CHECK(has(policy, "default-src 'none'"));
    CHECK(has(policy, "script-src 'self';"));
    CHECK_FALSE(has(policy, "unsafe"));
    CHECK(response->get_header_value("X-Content-Type-Options") == "nosniff");
  }
}

TEST_CASE("events are the whole board, then what changes, then the end") {
  Served served;
  std::thread run;
  const auto text = read_events(served, [&](const std::string& so_far) {
    if (!run.joinable() && has(so_far, "\n\n"))
      run = std::thread([&] {
        served.board.end(0, LiveState::failed, "loss is nan");
        served.board.finish(RunState::finished);
      });
    return has(so_far, R"("state":"finished")");
  });
  run.join();
  CHECK(text.rfind("event: board\ndata: {", 0) == 0);
  CHECK(has(text, R"("label":"loss.beta=1")"));
  CHECK(has(text, "\n\nevent: change\ndata: {"));
  CHECK(has(text, R"("error":"loss is nan")"));
}

TEST_CASE("the end waits for pages that are open and no longer than it is told") {
  auto served = std::make_unique<Served>();
  served->board.finish(RunState::finished);
  SECTION("a page that goes") {
    read_events(*served, [](const std::string& text) { return has(text, "finished"); });
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

TEST_CASE("two servers do not share a port") {
  Served first;
  LiveBoard board("e");
  CHECK_THROWS_AS(LiveServer(board, LiveAddress{"127.0.0.1", first.server.port()}), ConfigError);
}

TEST_CASE("without a port the next free one is taken") {
  Served first{LiveAddress{}};
  Served second{LiveAddress{}};
  CHECK(first.server.port() >= LiveAddress::kFirstPort);
  CHECK(second.server.port() > first.server.port());
  CHECK(second.status("/") == 200);
}

TEST_CASE("an address that is not this machine's is refused") {
  LiveBoard board("e");
  // 192.0.2.0/24 is reserved for documentation (RFC 5737).
  CHECK_THROWS_AS(LiveServer(board, LiveAddress{"192.0.2.1", 0}), ConfigError);
  for (const auto* host : {"", "machine.example", "127.0.0.1:80", "[::1]"}) {
    INFO(host);
    CHECK_THROWS_AS(LiveServer(board, LiveAddress{host, 0}), ConfigError);
  }
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
