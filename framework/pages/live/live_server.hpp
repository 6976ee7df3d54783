#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "pages/live/live_board.hpp"

namespace varia::live {

/// Where the page is served.
struct LiveAddress {
  std::string host = "127.0.0.1";
  /// 0: any that is free. None: kFirstPort, or the next one that is free.
  std::optional<int> port;

  static constexpr int kFirstPort = 8097;
  static constexpr int kPortsTried = 20;
};

/// Serves a board as a web page, from threads of its own that receive no signals.
///
/// | path                      | content                                                  |
/// |---------------------------|----------------------------------------------------------|
/// | `/`, `/page.js`, ...      | the page; its files are in the program                   |
/// | `/events`                 | server-sent events: `board` (all), then `change`         |
/// | `/pictures/TRIAL/VIEW`    | bytes [height, width, channels], sizes in Varia-* fields |
/// | `/points/TRIAL/VIEW`      | JSON                                                     |
///
/// Everything else is 404, every method but GET 405. On a loopback address a request must name
/// `localhost`, a loopback address or the host that was given in its Host field (else 403): a page
/// of another site that has its name lead here (DNS rebinding) reads nothing.
class LiveServer {
 public:
  /// Serves when it returns.
  /// @param board outlives the server
  /// @throws ConfigError where the address or the port cannot be had
  LiveServer(const LiveBoard& board, const LiveAddress& address);
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  std::string url() const;
  int port() const;
  bool is_loopback() const;

  /// Ends, once the board has finished: waits, at most `patience`, for open pages to fetch what
  /// they were told of.
  void close(std::chrono::milliseconds patience);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace varia::live
