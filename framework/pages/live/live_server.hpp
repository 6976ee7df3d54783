#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "pages/live/connections.hpp"
#include "pages/live/live_board.hpp"

namespace httplib {
class DataSink;
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace varia::live {

/// Serves a board as a web page, from threads of its own that receive no signals.
///
/// | path                      | content                                                  |
/// |---------------------------|----------------------------------------------------------|
/// | `/`, `/page.js`, ...      | the page; its files are in the program                   |
/// | `/echarts.min.js`         | the chart library; if it is absent, a script that says so |
/// | `/echarts/LICENSE`, `/echarts/NOTICE` | its licence                                  |
/// | `/events`                 | server-sent events: `board` (all), then `change`         |
/// | `/pictures/TRIAL/VIEW`    | bytes [height, width, channels], sizes in Varia-* fields |
/// | `/points/TRIAL/VIEW`      | JSON                                                     |
///
/// Everything else is 404, every method but GET 405. On a loopback address a request must name
/// `localhost`, a loopback address or the host that was given in its Host field (else 403): a page
/// of another site that has its name lead here (DNS rebinding) reads nothing.
class LiveServer {
 public:
  static constexpr int kFirstPort = 8097;
  static constexpr int kPortsTried = 20;

  /// Serves when it returns.
  /// @param board outlives the server
  /// @param port  0: any that is free; nullopt: kFirstPort, or the next one that is free
  /// @param deadline after which a request that is not answered, other than /events, is ended
  /// @throws ConfigError if the address or the port cannot be had
  LiveServer(const LiveBoard& board, const std::string& host, std::optional<int> port,
             std::chrono::milliseconds deadline = std::chrono::seconds(10));
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  std::string url() const;
  int port() const { return port_; }
  bool is_loopback() const { return loopback_; }

  /// Ends, once the board has finished: waits, at most `patience`, for open pages to fetch what
  /// they were told of, then ends every connection, whatever it is doing.
  void close(std::chrono::milliseconds patience);

 private:
  void configure();
  void bind(std::optional<int> asked);
  bool is_allowed(const httplib::Request& request) const;
  void stream(const httplib::Request& request, httplib::Response& response);
  bool send_event(std::uint64_t& seen, RunState& state, httplib::DataSink& sink);
  void send_picture(const httplib::Request& request, httplib::Response& response);
  void send_points(const httplib::Request& request, httplib::Response& response);
  void wait_for_streams(std::chrono::milliseconds patience);
  void end_overdue(const std::stop_token& stop);

  const LiveBoard& board_;
  const std::string host_;  // without brackets
  const bool loopback_;
  int port_ = 0;
  const std::chrono::milliseconds deadline_;
  std::mutex streams_mutex_;
  std::set<Peer> streams_;  // those that read /events
  std::atomic<bool> closing_{false};
  std::atomic<bool> ended_{false};
  std::unique_ptr<httplib::Server> server_;
  std::jthread listener_;
  std::jthread reaper_;
};

}  // namespace varia::live
