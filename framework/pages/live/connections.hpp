#pragma once

#include <compare>
#include <functional>
#include <memory>
#include <string>

namespace httplib {
class TaskQueue;
}  // namespace httplib

namespace varia::live {

/// As many connections are served at once. More wait in the kernel until one of these has ended.
constexpr int kMaxConnections = 32;

/// The threads of a server, one for each connection. No connection is accepted before a thread is
/// free for it: the time that a connection waits for others would count as time that its request
/// takes.
std::unique_ptr<httplib::TaskQueue> connection_threads();

/// Who is at the other end of a connection, as httplib writes it in a request.
struct Peer {
  std::string address;
  int port = 0;

  auto operator<=>(const Peer&) const = default;
};

/// Calls `visit` with the descriptor and the peer of each connection of this process on a
/// port of its own. httplib tells no one which sockets it has, so they are looked for among the
/// open files.
void for_each_connection(int port,
                         const std::function<void(int descriptor, const Peer& peer)>& visit);

}  // namespace varia::live
