#include "export/picture_source.hpp"

#include <utility>

#include "images/scatter_plot.hpp"
#include "images/titled_frames.hpp"

namespace varia::exporting {

namespace {

class ViewSource final : public PictureSource {
 public:
  ViewSource(const store::Results& results, std::string view, std::size_t trial)
      : results_(results), view_(std::move(view)), trial_(trial) {
    const auto count = results.picture_count(view_, trial);
    for (std::size_t number = 0; number < count; ++number) {
      captions_.push_back(results.caption(view_, trial, number));
      epochs_.push_back(captions_.back().epoch);
    }
  }

  Drawing draw(const std::vector<std::size_t>& pictures, std::int64_t scale,
               bool show_epochs) const override {
    std::vector<images::FrameSize> sizes;
    for (const auto number : pictures) {
      const auto& caption = captions_[number];
      auto title = caption.title;
      if (show_epochs)
        title = "epoch " + std::to_string(caption.epoch) + (title.empty() ? "" : ": ") + title;
      sizes.push_back({caption.height, caption.width, title});
    }
    const images::TitledFrames frames(sizes, scale);
    return {pictures.size(), frames.height(), frames.width(),
            [this, pictures, sizes, frames](std::size_t frame) {
              auto picture = results_.picture(view_, trial_, pictures.at(frame));
              return frames.compose(
                  {picture.height, picture.width, picture.channels, std::move(picture.pixels)},
                  sizes[frame].title);
            }};
  }

 private:
  const store::Results& results_;
  std::string view_;
  std::size_t trial_;
  std::vector<store::Picture> captions_;
};

class ScatterSource final : public PictureSource {
 public:
  ScatterSource(const store::Results& results, std::string view, std::size_t trial,
                std::string trial_name)
      : view_(std::move(view)),
        trial_name_(std::move(trial_name)),
        sets_(results.point_sets(view_, trial)) {
    for (const auto& set : sets_) epochs_.push_back(set.epoch);
  }

  Drawing draw(const std::vector<std::size_t>& pictures, std::int64_t /*scale*/,
               bool /*show_epochs*/) const override {
    images::ScatterScale scale;
    for (const auto number : pictures) scale.add(sets_[number].xy, sets_[number].labels);
    return {pictures.size(), images::kPlotHeight, images::kPlotWidth,
            [this, pictures, scale](std::size_t frame) {
              const auto& set = sets_[pictures.at(frame)];
              const auto subtitle = trial_name_ + ", epoch " + std::to_string(set.epoch);
              return images::scatter_plot(set.xy, set.labels, scale,
                                          {set.title.empty() ? view_ : set.title, subtitle});
            }};
  }

 private:
  std::string view_;
  std::string trial_name_;
  std::vector<store::Points> sets_;
};

}  // namespace

std::unique_ptr<PictureSource> view_source(const store::Results& results, const std::string& view,
                                           std::size_t trial) {
  return std::make_unique<ViewSource>(results, view, trial);
}

std::unique_ptr<PictureSource> scatter_source(const store::Results& results,
                                              const std::string& view, std::size_t trial,
                                              const std::string& trial_name) {
  return std::make_unique<ScatterSource>(results, view, trial, trial_name);
}

}  // namespace varia::exporting
