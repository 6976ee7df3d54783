#include "export/picture_source.hpp"

#include <algorithm>
#include <utility>

#include "images/scatter_plot.hpp"
#include "images/titled_frames.hpp"

namespace varia::exporting {

namespace {

class ViewSource final : public PictureSource {
 public:
  ViewSource(const store::Results& results, std::string view, std::size_t trial,
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
    std::vector<images::FrameSize> sizes;
    for (const auto number : pictures) {
      const auto& caption = captions_[number];
      sizes.push_back({caption.height, caption.width, title(caption, heading)});
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
  std::string title(const store::Picture& caption, Heading heading) const {
    if (heading == Heading::none) return caption.title;
    const auto text =
        heading == Heading::trial ? trial_name_ : "epoch " + std::to_string(caption.epoch);
    return caption.title.empty() ? text : text + ": " + caption.title;
  }

  const store::Results& results_;
  std::string view_;
  std::size_t trial_;
  std::string trial_name_;
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
               Heading /*heading*/) const override {
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

Drawing stack(std::vector<Drawing> rows) {
  Drawing sheet;
  for (const auto& row : rows) {
    sheet.count = std::max(sheet.count, row.count);
    sheet.height += row.height;
    sheet.width = std::max(sheet.width, row.width);
  }
  images::check_size(sheet.height, sheet.width);
  sheet.frame = [rows = std::move(rows), height = sheet.height,
                 width = sheet.width](std::size_t i) {
    images::Image canvas{height, width, 0, {}};
    std::int64_t top = 0;
    for (const auto& row : rows) {
      const auto image = row.frame(std::min(i, row.count - 1));
      if (top == 0) {  // all rows are of one view, and so are alike
        canvas.channels = image.channels;
        canvas.pixels.resize(static_cast<std::size_t>(height * width * canvas.channels));
      }
      images::paste(image, canvas, top, 0);
      top += row.height;
    }
    return canvas;
  };
  return sheet;
}

std::unique_ptr<PictureSource> view_source(const store::Results& results, const std::string& view,
                                           std::size_t trial, const std::string& trial_name) {
  return std::make_unique<ViewSource>(results, view, trial, trial_name);
}

std::unique_ptr<PictureSource> scatter_source(const store::Results& results,
                                              const std::string& view, std::size_t trial,
                                              const std::string& trial_name) {
  return std::make_unique<ScatterSource>(results, view, trial, trial_name);
}

}  // namespace varia::exporting
