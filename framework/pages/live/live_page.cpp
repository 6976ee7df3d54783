#include "pages/live/live_page.hpp"

namespace varia::live {

namespace {
/// A page that was just told of the last pictures fetches them in a fraction of a second.
constexpr auto kPatience = std::chrono::seconds(5);
}  // namespace

LivePage::LivePage(const std::string& experiment, const results::ResultPaths& paths,
                   const LiveAddress& address)
    : board_(experiment), observer_(board_, paths), server_(board_, address) {}

LivePage::~LivePage() {
  if (!finished_) finish(RunState::failed);
  server_.close(kPatience);
}

void LivePage::finish(RunState state) {
  finished_ = true;
  board_.finish(state);
}

}  // namespace varia::live
