//! A shape on the screen.

use glam::DVec2;

/// What is drawn on the picture to select what is in it. Physical pixels from the left and the top.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// From one corner to the one across.
    Box([DVec2; 2]),
    /// Around by these points, and back to the first.
    Lasso(Vec<DVec2>),
}

/// A lasso has no more points than this; a longer way is drawn with every second point.
const MOST_POINTS: usize = 512;
/// Points of a lasso are at least so far apart, pixels.
const LEAST_STEP_PX: f64 = 3.0;

impl Shape {
    /// The pointer has come to a place.
    pub fn pull(&mut self, to: DVec2) {
        match self {
            Self::Box([_, corner]) => *corner = to,
            Self::Lasso(points) => {
                if points
                    .last()
                    .is_none_or(|last| last.distance(to) >= LEAST_STEP_PX)
                {
                    points.push(to);
                }
                if points.len() > MOST_POINTS {
                    let mut keep = true;
                    points.retain(|_| {
                        keep = !keep;
                        !keep
                    });
                }
            }
        }
    }

    /// Its lower left and upper right corner on the screen: left and top, right and bottom.
    #[must_use]
    pub fn bounds(&self) -> [DVec2; 2] {
        let points: &[DVec2] = match self {
            Self::Box(corners) => corners,
            Self::Lasso(points) => points,
        };
        points.iter().fold(
            [DVec2::INFINITY, DVec2::NEG_INFINITY],
            |[low, high], point| [low.min(*point), high.max(*point)],
        )
    }

    /// Whether a pixel is in it. A lasso that crosses itself holds what it goes around an odd number of times.
    #[must_use]
    pub fn contains(&self, at: DVec2) -> bool {
        let [low, high] = self.bounds();
        if at.cmplt(low).any() || at.cmpgt(high).any() {
            return false;
        }
        match self {
            Self::Box(_) => true,
            Self::Lasso(points) => {
                let next = points.iter().cycle().skip(1);
                let crossed = points.iter().zip(next).filter(|(a, b)| {
                    (a.y > at.y) != (b.y > at.y)
                        && at.x < (b.x - a.x) * (at.y - a.y) / (b.y - a.y) + a.x
                });
                crossed.count() % 2 == 1
            }
        }
    }

    /// The points to draw, in order.
    #[must_use]
    pub fn outline(&self) -> Vec<DVec2> {
        match self {
            Self::Box([a, b]) => vec![*a, DVec2::new(b.x, a.y), *b, DVec2::new(a.x, b.y)],
            Self::Lasso(points) => points.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_drawn_in_any_direction() {
        let mut shape = Shape::Box([DVec2::new(50.0, 60.0); 2]);
        shape.pull(DVec2::new(10.0, 90.0));
        assert!(shape.contains(DVec2::new(30.0, 70.0)));
        assert!(!shape.contains(DVec2::new(51.0, 70.0)));
        assert_eq!(
            shape.bounds(),
            [DVec2::new(10.0, 60.0), DVec2::new(50.0, 90.0)]
        );
    }

    #[test]
    fn a_lasso_holds_what_it_goes_around_and_stays_small() {
        let mut shape = Shape::Lasso(Vec::new());
        for point in [
            (0.0, 0.0),
            (100.0, 0.0),
            (100.0, 100.0),
            (50.0, 30.0),
            (0.0, 100.0),
        ] {
            shape.pull(DVec2::new(point.0, point.1));
            shape.pull(DVec2::new(point.0 + 0.5, point.1));
        }
        assert_eq!(shape.outline().len(), 5);
        assert!(shape.contains(DVec2::new(50.0, 10.0)));
        assert!(!shape.contains(DVec2::new(50.0, 60.0)), "in the bay");
        for step in 0..5000 {
            shape.pull(DVec2::new(f64::from(step) * 4.0, 200.0));
        }
        assert!(shape.outline().len() <= MOST_POINTS);
    }
}
