#include "sweep/workers/channel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "varia/error.hpp"

namespace varia::sweep {

namespace {
using Length = std::uint64_t;  // what a message is preceded by
}

Channel::~Channel() { close(); }

Channel::Channel(Channel&& other) noexcept { *this = std::move(other); }

Channel& Channel::operator=(Channel&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(ended_, other.ended_);
  std::swap(received_, other.received_);
  std::swap(used_, other.used_);
  return *this;
}

std::pair<Channel, Channel> Channel::pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error("no connection to a worker process can be made: " +
                std::generic_category().message(errno));
  return {Channel(ends[0]), Channel(ends[1])};
}

void Channel::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool Channel::send(const std::string& message) {
  const Length length = message.size();
  std::string framed(sizeof length, '\0');
  std::memcpy(framed.data(), &length, sizeof length);
  framed += message;
  std::size_t sent = 0;
  while (sent < framed.size()) {
    // Without the flag, a gone supervisor would end the process by SIGPIPE.
    const auto put = ::send(descriptor_, framed.data() + sent, framed.size() - sent, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    sent += static_cast<std::size_t>(put);
  }
  return true;
}

bool Channel::read_some(bool wait) {
  std::array<char, 1 << 16> buffer{};
  const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), wait ? 0 : MSG_DONTWAIT);
  if (got > 0) {
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }
  if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return wait;
  ended_ = true;
  return false;
}

std::optional<std::string> Channel::next_message() {
  Length length = 0;
  const auto left = received_.size() - used_;
  if (left < sizeof length) return std::nullopt;
  std::memcpy(&length, received_.data() + used_, sizeof length);
  if (left - sizeof length < length) return std::nullopt;
  auto message = received_.substr(used_ + sizeof length, length);
  used_ += sizeof length + length;
  if (used_ == received_.size()) {
    received_.clear();
    used_ = 0;
  }
  return message;
}

std::optional<std::string> Channel::receive() {
  while (true) {
    if (auto message = next_message()) return message;
    if (ended_ || !read_some(true)) return std::nullopt;
  }
}

std::optional<std::vector<std::string>> Channel::take() {
  while (!ended_ && read_some(false)) {
  }
  std::vector<std::string> messages;
  while (auto message = next_message()) messages.push_back(std::move(*message));
  if (messages.empty() && ended_) return std::nullopt;
  return messages;
}

}  // namespace varia::sweep
