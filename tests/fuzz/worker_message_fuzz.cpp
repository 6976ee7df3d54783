// What a worker process sends to its supervisor, and is sent: a plugin of the worker may have
// written over its memory, or to a descriptor that is not its own.
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "sweep/workers/worker_messages.hpp"

using namespace varia;

namespace {

/// As bytes again.
std::string encoded(const sweep::WorkerMessage& message) {
  return std::visit([](const auto& content) { return sweep::encode(content); }, message);
}

void check(const sweep::WorkerMessage& message) {
  if (const auto* picture = std::get_if<sweep::ViewMessage<results::Picture>>(&message)) {
    const auto& [epoch, height, width, channels, pixels, title, labels] = picture->content;
    fuzz::require(height >= 0 && width >= 0 && (channels == 1 || channels == 3) &&
                      static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width) *
                              static_cast<std::uint64_t>(channels) ==
                          pixels.size(),
                  "a picture has the pixels of its shape");
  }
  if (const auto* points = std::get_if<sweep::ViewMessage<results::Points>>(&message))
    fuzz::require(points->content.xy.size() == 2 * points->content.labels.size(),
                  "every point has a label");
  if (const auto* outcome = std::get_if<training::TrialOutcome>(&message))
    fuzz::require(
        outcome->end >= training::TrialEnd::done && outcome->end <= training::TrialEnd::superseded,
        "a trial ends in one of four ways");
}

void read_message(const std::string& bytes) {
  std::string again;
  if (!fuzz::accepts<Error>([&] {
        const auto message = sweep::decode_message(bytes);
        check(message);
        again = encoded(message);
      }))
    return;
  std::string repeated;
  fuzz::require(fuzz::accepts<Error>([&] { repeated = encoded(sweep::decode_message(again)); }),
                "a message that was sent is read");
  fuzz::require(repeated == again, "a message is read as it was sent");
}

void read_task(const std::string& bytes) {
  std::string again;
  if (!fuzz::accepts<Error>([&] { again = sweep::encode(sweep::decode_task(bytes)); })) return;
  fuzz::require(sweep::encode(sweep::decode_task(again)) == again, "a task is read as it was sent");
}

/// The bytes that stand for these messages on a connection.
std::string sent(const std::vector<std::string>& messages) {
  auto [here, there] = sweep::Channel::pair();
  for (const auto& message : messages) there.send(message);
  std::string bytes(1 << 20, '\0');
  const auto got = ::recv(here.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  return bytes;
}

/// The messages in what arrives, whatever it is.
void receive(const std::string& bytes) {
  auto [here, there] = sweep::Channel::pair();
  const auto put = ::send(there.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (put != std::ssize(bytes)) return;  // more than the connection holds
  there.close();
  std::vector<std::string> messages;
  while (const auto taken = here.take())
    messages.insert(messages.end(), taken->begin(), taken->end());
  const auto again = sent(messages);
  fuzz::require(bytes.starts_with(again), "messages are what was sent, in order");
  fuzz::require(here.is_garbled() || bytes.size() == again.size() || bytes[again.size()] == '\x89',
                "what is not a message is told");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  read_message(bytes);
  read_task(bytes);
  receive(bytes);
  return 0;
}
