#pragma once

#include <functional>
#include <memory>

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

/// Calls `visit` with the descriptor and the peer's port of each connection of this process on a
/// port of its own. httplib tells no one which sockets it has, so they are looked for among the
/// open files.
void for_each_connection(int port, const std::function<void(int descriptor, int peer)>& visit);

}  // namespace varia::live
