#include "sweep/workers/worker_messages.hpp"

#include <sys/socket.h>

#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::sweep;

namespace {

void send_raw(const Channel& channel, const std::string& bytes) {
  REQUIRE(::send(channel.descriptor(), bytes.data(), bytes.size(), 0) == std::ssize(bytes));
}

}  // namespace

TEST_CASE("what is not a message of a trial is refused by an error of Varia") {
  const std::vector<std::string> messages{
      "",
      "a line of text\n",
      "\x80",           // an empty list
      "\x81\x65other",  // of an unknown kind
      "\x83\x63"
      "end\x04\x60",  // an end that there is not
      "\x83\x63"
      "end\xFB\x3F\xF0\0\0\0\0\0\0\x60",          // a number that is not whole
      "\x82\x67metrics\xA1\x61m\x82\x60\x63up!",  // a direction that there is not
      encode(ViewMessage<results::Picture>{"v", {1, 2, 2, 1, {1, 2, 3}, "a pixel is missing"}}),
      encode(ViewMessage<results::Picture>{"v", {1, 1LL << 62, 4, 1, {}, "sides that overflow"}}),
      encode(ViewMessage<results::Points>{"v", {1, {1, 2, 3}, {1}}}),  // half a point
  };
  for (const std::string& message : messages) {
    INFO(message);
    CHECK_THROWS_AS(decode_message(message), Error);
    CHECK_THROWS_AS(decode_task(message), Error);
  }
}

TEST_CASE("a picture arrives with its labels") {
  results::Picture picture{.epoch = 3, .height = 1, .width = 1, .pixels = {7}, .title = "t"};
  picture.labels.rows = {"0: 1.25 nats"};
  picture.labels.x = {-1.0 / 3, 2, "dimension 0"};
  const auto message = decode_message(encode(ViewMessage<results::Picture>{"v", picture}));
  CHECK(std::get<ViewMessage<results::Picture>>(message).content == picture);
}

TEST_CASE("a scatter plot arrives with the names of its classes and axes") {
  const results::Points points{.epoch = 3,
                               .xy = {0.5F, -1},
                               .labels = {12},
                               .classes = {{12, "cat, 3 dogs"}},
                               .axes = {"code 1", "code 2"}};
  const auto message = decode_message(encode(ViewMessage<results::Points>{"v", points}));
  CHECK(std::get<ViewMessage<results::Points>>(message).content == points);
}

TEST_CASE("lists in lists in lists do not end the supervisor") {
  CHECK_THROWS_AS(decode_message(std::string(1'000'000, '\x81')), Error);
  CHECK_THROWS_AS(decode_task(std::string(1'000'000, '\x81')), Error);
}

TEST_CASE("what others write to the connection of a worker is told at once, whatever its length") {
  auto [here, there] = Channel::pair();
  REQUIRE(there.send("first"));
  send_raw(there, "x");
  CHECK(here.take() == std::vector<std::string>{"first"});
  CHECK(here.is_garbled());
  REQUIRE(there.send("second"));
  CHECK(here.take()->empty());
  CHECK_FALSE(here.receive());
}

TEST_CASE("a message that comes in parts is taken when it is whole") {
  auto [sender, wire] = Channel::pair();
  REQUIRE(sender.send(std::string(100, 'm')));
  std::string framed(4096, '\0');
  framed.resize(static_cast<std::size_t>(
      ::recv(wire.descriptor(), framed.data(), framed.size(), MSG_DONTWAIT)));
  auto [here, there] = Channel::pair();
  for (const char byte : framed) {
    REQUIRE(here.take()->empty());
    REQUIRE_FALSE(here.is_garbled());
    send_raw(there, std::string(1, byte));
  }
  CHECK(here.take() == std::vector{std::string(100, 'm')});
}
