#include "pictures/export/picture_source.hpp"

#include <utility>

namespace varia::pictures {

namespace {

class ViewSource final : public PictureSource {
 public:
  ViewSource(const results::Results& results, std::string view, std::size_t trial,
             std::string trial_name)
      : results_(results),
        view_(std::move(view)),
        trial_(trial),
        trial_name_(std::move(trial_name)) {
    const auto count = results.picture_count(view_, trial);
    for (std::size_t number = 0; number < count; ++number) {
      captions_.push_back(results.caption(view_, trial, number));
      epochs_.push_back(captions_.back().epoch);
    }
  }

  Drawing draw(const std::vector<std::size_t>& pictures, std::int64_t scale,
               Heading heading) const override {
    std::vector<pictures::FrameSize> sizes;
    for (const auto number : pictures) {
      const auto& caption = captions_[number];
      sizes.push_back({caption.height, caption.width, title(caption, heading)});
    }
    return titled_pictures(std::move(sizes), scale, [this, pictures](std::size_t frame) {
      return results_.picture(view_, trial_, pictures.at(frame));
    });
  }

 private:
  std::string title(const results::Picture& caption, Heading heading) const {
    if (heading == Heading::none) return caption.title;
    const auto text =
        heading == Heading::trial ? trial_name_ : "epoch " + std::to_string(caption.epoch);
    return caption.title.empty() ? text : text + ": " + caption.title;
  }

  const results::Results& results_;
  std::string view_;
  std::size_t trial_;
  std::string trial_name_;
  std::vector<results::Picture> captions_;
};

class ScatterSource final : public PictureSource {
 public:
  ScatterSource(const results::Results& results, std::string view, std::size_t trial,
                std::string trial_name)
      : view_(std::move(view)),
        trial_name_(std::move(trial_name)),
        sets_(results.point_sets(view_, trial)) {
    for (const auto& set : sets_) epochs_.push_back(set.epoch);
  }

  Drawing draw(const std::vector<std::size_t>& pictures, std::int64_t /*scale*/,
               Heading /*heading*/) const override {
    std::vector<results::Points> plots;
    std::vector<pictures::ScatterText> texts;
    for (const auto number : pictures) {
      const auto& set = sets_[number];
      plots.push_back(set);
      texts.push_back({set.title.empty() ? view_ : set.title,
                       trial_name_ + ", epoch " + std::to_string(set.epoch)});
    }
    return scatter_plots(std::move(plots), std::move(texts));
  }

 private:
  std::string view_;
  std::string trial_name_;
  std::vector<results::Points> sets_;
};

}  // namespace

std::unique_ptr<PictureSource> view_source(const results::Results& results, const std::string& view,
                                           std::size_t trial, const std::string& trial_name) {
  return std::make_unique<ViewSource>(results, view, trial, trial_name);
}

std::unique_ptr<PictureSource> scatter_source(const results::Results& results,
                                              const std::string& view, std::size_t trial,
                                              const std::string& trial_name) {
  return std::make_unique<ScatterSource>(results, view, trial, trial_name);
}

}  // namespace varia::pictures
