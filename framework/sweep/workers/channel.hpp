#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace varia::sweep {

/// One end of a connection between two processes that carries whole messages.
class Channel {
 public:
  Channel() = default;
  explicit Channel(int descriptor) : descriptor_(descriptor) {}
  ~Channel();
  Channel(Channel&& other) noexcept;
  Channel& operator=(Channel&& other) noexcept;

  /// Two connected ends. @throws Error
  static std::pair<Channel, Channel> pair();

  int descriptor() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  void close();

  /// Waits until the other end takes it. @returns false where the other end is gone
  bool send(const std::string& message);
  /// Waits for the next message. @returns nothing where the other end is gone
  std::optional<std::string> receive();
  /// Takes what has arrived, without waiting; a message that is not whole yet stays for later.
  /// @returns nothing where the other end is gone and all it sent has been taken
  std::optional<std::vector<std::string>> take();

 private:
  bool read_some(bool wait);
  std::optional<std::string> next_message();

  int descriptor_ = -1;
  bool ended_ = false;
  std::string received_;
  std::size_t used_ = 0;  // of received_
};

}  // namespace varia::sweep
