#include "pages/live/live_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "files/process.hpp"
#include "pages/live/connections.hpp"
#include "pages/shared/page_assets.hpp"
#include "varia/error.hpp"

namespace varia::live {

namespace {

/// A page holds one stream open, and needs other connections for what it fetches.
constexpr std::size_t kMaxStreams = kMaxConnections - 12;
/// A stream sends something this often, so that a page that is gone is noticed.
constexpr auto kKeepAlive = std::chrono::seconds(5);
/// Between two events of a stream.
constexpr auto kEventEvery = std::chrono::milliseconds(100);
constexpr auto kLookEvery = std::chrono::milliseconds(20);
/// In which streams that are still open can end properly.
constexpr auto kLastWords = std::chrono::milliseconds(300);

constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The host of "host", "host:port", "[address]" or "[address]:port", in lower case.
std::string host_part(const std::string& field) {
  auto host = field;
  if (!host.empty() && host.front() == '[')
    host = host.substr(1, host.find(']') - 1);
  else
    host = host.substr(0, host.find(':'));
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return host;
}

/// @param host without brackets, in lower case
bool is_loopback_name(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24U) == IN_LOOPBACKNET;
}

/// Refuses host names: an address that a name resolves to later could be another than was checked.
void check_address(const std::string& host) {
  in6_addr room{};
  if (host == "localhost" || inet_pton(AF_INET, host.c_str(), &room) == 1 ||
      inet_pton(AF_INET6, host.c_str(), &room) == 1)
    return;
  throw ConfigError(
      fmt::format("--live-host: expected localhost or an address such as 127.0.0.1, "
                  "::1 or 0.0.0.0, found '{}'",
                  host));
}

/// The page. It names its scripts; those of both pages are in the program.
std::string live_page() {
  return pages::filled_page(
      {{"title", "<title>Varia</title>"},
       {"scripts", R"(<script src="events.js"></script><script src="live_data.js"></script>)"},
       {"start", R"(<script src="live.js"></script>)"},
       {"charts", R"(<p>Drawn with Apache ECharts (<a href="echarts/LICENSE">licence</a>, )"
                  R"(<a href="echarts/NOTICE">notice</a>).</p>)"}});
}

/// Files that the page of results has and this one has not.
constexpr std::array kOthers = {"page.html", "blocks.js", "report.js"};

std::optional<std::size_t> number_in(const std::string& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void fail(httplib::Response& response, int status, const std::string& text) {
  response.status = status;
  response.set_content(text + "\n", "text/plain; charset=utf-8");
}

/// Sends a text as it is. httplib would compress what it is given whole, which takes seconds for a
/// megabyte on a machine that trains.
void send(httplib::Response& response, std::shared_ptr<const std::string> text, const char* type) {
  const auto size = text->size();
  response.set_content_provider(
      size, type,
      [text = std::move(text)](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        return sink.write(text->data() + offset, length);
      });
}

/// httplib ignores SIGPIPE for the whole process, which is not its to decide: it is at the end of
/// the scope what it was.
class KeptBrokenPipe {
 public:
  KeptBrokenPipe() { ::sigaction(SIGPIPE, nullptr, &before_); }
  ~KeptBrokenPipe() { ::sigaction(SIGPIPE, &before_, nullptr); }
  KeptBrokenPipe(const KeptBrokenPipe&) = delete;
  KeptBrokenPipe& operator=(const KeptBrokenPipe&) = delete;

 private:
  struct sigaction before_ {};
};

void send_chart_library(httplib::Response& response) {
  std::string problem;
  try {
    if (auto script = pages::chart_library_file("echarts.min.js"))
      return send(response, std::make_shared<const std::string>(std::move(*script)),
                  "text/javascript; charset=utf-8");
    problem = pages::chart_library_hint();
  } catch (const Error& error) {
    problem = error.what();
  }
  const auto text =
      nlohmann::json(problem).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  response.set_content("const kChartsMissing = " + text + ";\n", "text/javascript; charset=utf-8");
}

}  // namespace

LiveServer::LiveServer(const LiveBoard& board, const std::string& host, std::optional<int> port,
                       std::chrono::milliseconds deadline)
    : board_(board), host_(host), loopback_(is_loopback_name(host)), deadline_(deadline) {
  check_address(host);
  const KeptBrokenPipe kept;
  bind(port);
  reaper_ = files::quiet_thread([this](const std::stop_token& stop) { end_overdue(stop); });
  // Last: it ends when it is told to (close), which no one does after an exception.
  listener_ = files::quiet_thread([this](const auto&) {
    server_->listen_after_bind();
    ended_ = true;
  });
  // Stopping a server that does not listen yet would have no effect.
  while (!server_->is_running() && !ended_) std::this_thread::yield();
}

LiveServer::~LiveServer() { close(std::chrono::milliseconds(0)); }

std::string LiveServer::url() const {
  const bool v6 = host_.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}/", v6 ? "[" : "", host_, v6 ? "]" : "", port_);
}

void LiveServer::configure() {
  server_->new_task_queue = [] { return connection_threads().release(); };
  // httplib's own choice, SO_REUSEPORT, lets two programs have the same port.
  server_->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server_->set_tcp_nodelay(true);
  // A browser opens connections before it has something to ask, and takes one that was closed
  // unused for a failure. The deadline ends them.
  server_->set_keep_alive_timeout(
      std::chrono::duration_cast<std::chrono::seconds>(deadline_).count() + 1);
  server_->set_keep_alive_max_count(1);  // so that the deadline is that of one request
  server_->set_payload_max_length(1024);
  server_->set_default_headers({{"Content-Security-Policy", kContentSecurityPolicy},
                                {"X-Content-Type-Options", "nosniff"},
                                {"Referrer-Policy", "no-referrer"},
                                {"Cross-Origin-Resource-Policy", "same-origin"},
                                {"Cache-Control", "no-store"}});
  using Answer = httplib::Server::HandlerResponse;
  server_->set_pre_routing_handler([this](const auto& request, auto& response) {
    if (request.method != "GET") {
      response.set_header("Allow", "GET");
      fail(response, 405, "only GET is answered here");
      return Answer::Handled;
    }
    if (!is_allowed(request)) {
      fail(response, 403, "this page is served as localhost alone");
      return Answer::Handled;
    }
    // Many ranges of one file would be put together in memory.
    if (request.has_header("Range")) {
      fail(response, 416, "files are sent whole");
      return Answer::Handled;
    }
    return Answer::Unhandled;
  });
  server_->Get("/", [](const auto&, auto& response) {
    response.set_content(live_page(), "text/html; charset=utf-8");
  });
  for (const auto& file : pages::page_files()) {
    if (std::ranges::find(kOthers, file.name) != kOthers.end()) continue;
    server_->Get("/" + std::string(file.name), [&file](const auto&, auto& response) {
      response.set_content(file.content.data(), file.content.size(), std::string(file.type));
    });
  }
  server_->Get("/echarts.min.js",
               [](const auto&, auto& response) { send_chart_library(response); });
  server_->Get("/echarts/(LICENSE|NOTICE)", [](const auto& request, auto& response) {
    const auto text = pages::chart_library_file(request.matches[1]);
    if (!text) return fail(response, 404, pages::chart_library_hint());
    response.set_content(*text, "text/plain; charset=utf-8");
  });
  server_->Get("/events",
               [this](const auto& request, auto& response) { stream(request, response); });
  server_->Get(R"(/pictures/(\d+)/(\d+))",
               [this](const auto& request, auto& response) { send_picture(request, response); });
  server_->Get(R"(/points/(\d+)/(\d+))",
               [this](const auto& request, auto& response) { send_points(request, response); });
}

bool LiveServer::is_allowed(const httplib::Request& request) const {
  if (!loopback_) return true;
  const auto name = host_part(request.get_header_value("Host"));
  return is_loopback_name(name) || name == host_;
}

void LiveServer::bind(std::optional<int> asked) {
  const auto bound = [&](int wanted) {
    // One that failed to bind never binds again in later versions of httplib.
    server_ = std::make_unique<httplib::Server>();
    configure();
    if (wanted == 0)
      port_ = server_->bind_to_any_port(host_);
    else
      port_ = server_->bind_to_port(host_, wanted) ? wanted : -1;
    return port_ > 0;
  };
  if (asked) {
    if (!bound(*asked))
      throw ConfigError(fmt::format(
          "the live page cannot be served at {} port {}: it is not an address of this machine, "
          "the port is taken, or it is not allowed. Leave --live-port out for one that is free",
          host_, *asked));
    return;
  }
  for (int i = 0; i < LiveServer::kPortsTried; ++i)
    if (bound(LiveServer::kFirstPort + i)) return;
  throw ConfigError(fmt::format(
      "the live page cannot be served at {}: it is not an address of this machine, or none of "
      "the ports {} to {} is free. --live-port 0 takes any",
      host_, LiveServer::kFirstPort, LiveServer::kFirstPort + LiveServer::kPortsTried - 1));
}

void LiveServer::stream(const httplib::Request& request, httplib::Response& response) {
  const Peer peer{request.remote_addr, request.remote_port};
  {
    const std::lock_guard lock(streams_mutex_);
    if (streams_.size() >= kMaxStreams) return fail(response, 503, "too many pages watch this run");
    streams_.insert(peer);
  }
  // Counts the stream until its last copy is gone.
  const std::shared_ptr<void> counted(nullptr, [this, peer](void*) {
    const std::lock_guard lock(streams_mutex_);
    streams_.erase(peer);
  });
  response.set_chunked_content_provider(
      "text/event-stream",
      [this, counted, seen = std::uint64_t{0}, state = RunState::running](
          std::size_t, httplib::DataSink& sink) mutable { return send_event(seen, state, sink); });
}

/// Sends the next event to a page that has seen a revision and knows the state of the run.
/// @returns false to end the stream
bool LiveServer::send_event(std::uint64_t& seen, RunState& state, httplib::DataSink& sink) {
  if (closing_) {
    sink.done();  // an end as it should be: a stream that is cut off is an error in the browser
    return true;
  }
  if (state != RunState::running) {
    // The page closes the stream when it has all that it was told of.
    std::this_thread::sleep_for(kLookEvery);
    return sink.is_writable() && sink.write(":\n\n", 3);
  }
  const auto change = board_.wait(seen, kKeepAlive);
  std::string text = ":\n\n";
  if (change) {
    text = fmt::format("event: {}\ndata: {}\n\n", seen == 0 ? "board" : "change", change->json);
    seen = change->revision;
    state = change->state;
  }
  if (!sink.is_writable() || !sink.write(text.data(), text.size())) return false;
  if (state == RunState::running) std::this_thread::sleep_for(kEventEvery);
  return true;
}

void LiveServer::send_picture(const httplib::Request& request, httplib::Response& response) {
  const auto trial = number_in(request.matches[1]);
  const auto view = number_in(request.matches[2]);
  const auto picture = trial && view ? board_.picture(*trial, *view) : nullptr;
  if (!picture) return fail(response, 404, "there is no such picture");
  response.set_header("Varia-Height", std::to_string(picture->height));
  response.set_header("Varia-Width", std::to_string(picture->width));
  response.set_header("Varia-Channels", std::to_string(picture->channels));
  response.set_header("Varia-Epoch", std::to_string(picture->epoch));
  const auto* bytes = reinterpret_cast<const char*>(picture->pixels.data());
  response.set_content(bytes, picture->pixels.size(), "application/octet-stream");
}

void LiveServer::send_points(const httplib::Request& request, httplib::Response& response) {
  const auto trial = number_in(request.matches[1]);
  const auto view = number_in(request.matches[2]);
  const auto points = trial && view ? board_.points(*trial, *view) : nullptr;
  if (!points) return fail(response, 404, "there is no such scatter plot");
  send(response, std::make_shared<const std::string>(points_json(*points)), "application/json");
}

void LiveServer::wait_for_streams(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  const auto is_watched = [this] {
    const std::lock_guard lock(streams_mutex_);
    return !streams_.empty();
  };
  while (is_watched() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(kLookEvery);
}

/// Ends connections whose request takes too long: a client that sends or takes a byte a second
/// would hold a thread for ever.
void LiveServer::end_overdue(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  std::map<Peer, Clock::time_point> seen;
  while (!stop.stop_requested()) {
    std::this_thread::sleep_for(std::min(deadline_ / 4, std::chrono::milliseconds(200)));
    std::map<Peer, Clock::time_point> now;
    for_each_connection(port_, [&](int descriptor, const Peer& peer) {
      const auto since = seen.contains(peer) ? seen.at(peer) : Clock::now();
      now[peer] = since;
      const std::lock_guard lock(streams_mutex_);
      if (Clock::now() - since > deadline_ && !streams_.contains(peer))
        shutdown(descriptor, SHUT_RDWR);
    });
    seen = std::move(now);
  }
}

void LiveServer::close(std::chrono::milliseconds patience) {
  wait_for_streams(patience);
  closing_ = true;
  wait_for_streams(kLastWords);
  server_->stop();
  while (!ended_) {
    for_each_connection(port_,
                        [](int descriptor, const Peer&) { shutdown(descriptor, SHUT_RDWR); });
    std::this_thread::sleep_for(kLookEvery);
  }
  if (listener_.joinable()) listener_.join();
}

}  // namespace varia::live
