#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "pages/live/live_board.hpp"

namespace varia::live {

/// Serves a board as a web page, from threads of its own that receive no signals.
///
/// | path                      | content                                                  |
/// |---------------------------|----------------------------------------------------------|
/// | `/`, `/live.js`, ...      | the page; its files are in the program                   |
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
  /// @throws ConfigError if the address or the port cannot be had
  LiveServer(const LiveBoard& board, const std::string& host, std::optional<int> port);
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  std::string url() const;
  int port() const;
  bool is_loopback() const;

  /// Ends, once the board has finished: waits, at most `patience`, for open pages to fetch what
  /// they were told of, then ends every connection, whatever it is doing.
  void close(std::chrono::milliseconds patience);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace varia::live
