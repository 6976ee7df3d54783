#pragma once

#include <string>

#include "pages/live/live_board.hpp"
#include "pages/live/live_observer.hpp"
#include "pages/live/live_server.hpp"

namespace varia::live {

/// The page that watches a run. It ends with the object; a run that did not end by `finish` is
/// shown as failed.
class LivePage {
 public:
  /// @throws ConfigError where the address or the port cannot be had
  LivePage(const std::string& experiment, const results::ResultPaths& paths,
           const LiveAddress& address);
  ~LivePage();
  LivePage(const LivePage&) = delete;
  LivePage& operator=(const LivePage&) = delete;

  std::string url() const { return server_.url(); }
  bool is_loopback() const { return server_.is_loopback(); }
  sweep::RunObserver& observer() { return observer_; }
  /// Tells the page how the run has ended.
  void finish(RunState state);

 private:
  LiveBoard board_;
  LiveObserver observer_;
  LiveServer server_;
  bool finished_ = false;
};

}  // namespace varia::live
