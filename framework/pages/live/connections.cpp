#include "pages/live/connections.hpp"

#include <arpa/inet.h>
#include <httplib.h>
#include <netdb.h>

#include <array>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <utility>

#include "files/folder_entries.hpp"

namespace varia::live {

namespace {

class Threads final : public httplib::TaskQueue {
 public:
  // Later versions of httplib return a bool.
  auto enqueue(std::function<void()> serve)
      -> decltype(std::declval<httplib::TaskQueue&>().enqueue(serve)) override {
    count(1);
    const WaitAtEnd wait{*this};
    return pool_.enqueue([this, serve = std::move(serve)] {
      serve();
      count(-1);
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  /// httplib accepts the next connection when enqueue() returns.
  struct WaitAtEnd {
    Threads& threads;
    ~WaitAtEnd() {
      std::unique_lock lock(threads.mutex_);
      threads.ended_.wait(lock, [this] { return threads.connections_ < kMaxConnections; });
    }
  };

  void count(int change) {
    const std::lock_guard lock(mutex_);
    connections_ += change;
    ended_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  int connections_ = 0;
  httplib::ThreadPool pool_{kMaxConnections};
};

}  // namespace

std::unique_ptr<httplib::TaskQueue> connection_threads() { return std::make_unique<Threads>(); }

void for_each_connection(int port,
                         const std::function<void(int descriptor, const Peer& peer)>& visit) {
  // The port is at the same place for both families.
  const auto port_of = [](const sockaddr_storage& address) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  };
  std::error_code ignored;
  for (const auto& file : files::folder_entries("/proc/self/fd", ignored)) {
    const int descriptor = std::atoi(file.path().filename().c_str());
    sockaddr_storage own{};
    sockaddr_storage peer{};
    socklen_t size = sizeof(own);
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) != 0) continue;
    if (own.ss_family != AF_INET && own.ss_family != AF_INET6) continue;
    if (port_of(own) != port) continue;
    size = sizeof(peer);
    const auto* const address = reinterpret_cast<const sockaddr*>(&peer);
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    std::array<char, NI_MAXHOST> host{};
    if (getnameinfo(address, size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      visit(descriptor, {host.data(), port_of(peer)});
  }
}

}  // namespace varia::live
