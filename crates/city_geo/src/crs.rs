//! Projected coordinate reference systems, through `proj4rs`.
//!
//! Horizontal only: a height is passed through as it is. Heights above a national datum (the Hong Kong Principal
//! Datum, NAP, sea level) have to be brought to the ellipsoid by the caller, who knows which they are; guessing here
//! would hide an error of tens of metres.

use std::f64::consts::FRAC_PI_2;
use std::fmt;

use geo_types::Coord;
use proj4rs::proj::Proj;
use proj4rs::transform::transform;

use crate::ellipsoid::Geodetic;

/// The longest definition that is read, bytes.
const MAX_DEFINITION_BYTES: usize = 1000;

/// Hong Kong 1980 Grid (EPSG:2326) with the Helmert shift of the Survey and Mapping Office, position-vector
/// convention; checked against 12 public control points in the tests.
const HK1980_GRID: &str = "+proj=tmerc +lat_0=22.31213333333333 +lon_0=114.1785555555556 +k=1 +x_0=836694.05 \
    +y_0=819069.8 +ellps=intl \
    +towgs84=-162.619,-276.959,-161.764,0.067753,-2.243649,-1.158827,-1.094246 +units=m +no_defs";

/// Amersfoort / RD New (EPSG:28992), Helmert shift, good to a quarter of a metre.
const RD_NEW: &str = "+proj=sterea +lat_0=52.15616055555555 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 \
    +y_0=463000 +ellps=bessel +towgs84=565.2369,50.0087,465.658,-0.406857,0.350733,-1.87035,4.0812 \
    +units=m +no_defs";

/// WGS 84 / Pseudo-Mercator (EPSG:3857).
const WEB_MERCATOR: &str = "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs";

/// Why a reference system or a conversion was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// An EPSG code that is not built in.
    #[error("EPSG:{code} is not built in; give its PROJ definition (\"+proj=...\") instead")]
    UnknownEpsg {
        /// The code.
        code: u32,
    },
    /// A definition that proj4rs does not take.
    #[error("the reference system \"{definition}\" cannot be used: {cause}")]
    Definition {
        /// The definition, shortened.
        definition: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A coordinate outside the area in which the projection works.
    #[error("({x}, {y}) cannot be converted in {crs}: {cause}")]
    Outside {
        /// Easting or longitude in degrees.
        x: f64,
        /// Northing or latitude in degrees.
        y: f64,
        /// Name of the reference system.
        crs: String,
        /// What failed.
        cause: String,
    },
}

/// A projected (or national geographic) reference system. Projected coordinates are metres, x east and y north;
/// those of a geographic system are degrees, longitude first.
#[derive(Clone)]
pub struct ProjectedCrs {
    name: String,
    projection: Proj,
    wgs84: Proj,
}

impl fmt::Debug for ProjectedCrs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProjectedCrs({})", self.name)
    }
}

impl ProjectedCrs {
    /// Hong Kong 1980 Grid, EPSG:2326.
    pub fn hk1980() -> Result<Self, CrsError> {
        Self::from_epsg(2326)
    }

    /// One of the systems that are built in: 2326 (Hong Kong), 28992 (Netherlands), 3857 (web Mercator), 4326 (WGS 84,
    /// longitude first here), 326xx and 327xx (UTM north and south).
    pub fn from_epsg(code: u32) -> Result<Self, CrsError> {
        let definition = match code {
            2326 => HK1980_GRID.to_owned(),
            28992 => RD_NEW.to_owned(),
            3857 => WEB_MERCATOR.to_owned(),
            4326 => "+proj=longlat +datum=WGS84 +no_defs".to_owned(),
            32601..=32660 => format!(
                "+proj=utm +zone={} +datum=WGS84 +units=m +no_defs",
                code - 32600
            ),
            32701..=32760 => format!(
                "+proj=utm +zone={} +south +datum=WGS84 +units=m +no_defs",
                code - 32700
            ),
            _ => return Err(CrsError::UnknownEpsg { code }),
        };
        Self::named(format!("EPSG:{code}"), &definition)
    }

    /// From a PROJ definition, `+proj=...`.
    pub fn from_proj(definition: &str) -> Result<Self, CrsError> {
        Self::named(shorten(definition), definition)
    }

    fn named(name: String, definition: &str) -> Result<Self, CrsError> {
        let refuse = |cause: String| CrsError::Definition {
            definition: shorten(definition),
            cause,
        };
        if definition.len() > MAX_DEFINITION_BYTES {
            return Err(refuse(format!(
                "it is longer than {MAX_DEFINITION_BYTES} bytes"
            )));
        }
        let projection = Proj::from_proj_string(definition).map_err(|e| refuse(e.to_string()))?;
        let wgs84 = Proj::from_proj_string("+proj=longlat +datum=WGS84 +no_defs")
            .map_err(|e| refuse(e.to_string()))?;
        Ok(Self {
            name,
            projection,
            wgs84,
        })
    }

    /// The system's name, such as "EPSG:2326".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The place of projected coordinates. `height_m` is passed through.
    pub fn geodetic_from_projected(
        &self,
        projected: Coord<f64>,
        height_m: f64,
    ) -> Result<Geodetic, CrsError> {
        let mut point = (projected.x, projected.y, 0.0);
        if self.projection.is_latlong() {
            point = (projected.x.to_radians(), projected.y.to_radians(), 0.0);
        }
        let outside = |cause: String| CrsError::Outside {
            x: projected.x,
            y: projected.y,
            crs: self.name.clone(),
            cause,
        };
        if !(projected.x.is_finite() && projected.y.is_finite()) {
            return Err(outside("it is not finite".to_owned()));
        }
        transform(&self.projection, &self.wgs84, &mut point).map_err(|e| outside(e.to_string()))?;
        let place = Geodetic::new(point.0, point.1, height_m);
        if place.is_valid() {
            Ok(place)
        } else {
            Err(outside("it is outside the projection's area".to_owned()))
        }
    }

    /// Projected coordinates of a place.
    pub fn projected_from_geodetic(&self, place: Geodetic) -> Result<Coord<f64>, CrsError> {
        let outside = |cause: String| CrsError::Outside {
            x: place.lon_deg(),
            y: place.lat_deg(),
            crs: self.name.clone(),
            cause,
        };
        if !(place.lon_rad.is_finite() && place.lat_rad.abs() <= FRAC_PI_2) {
            return Err(outside("it is no longitude and latitude".to_owned()));
        }
        let mut point = (place.lon_rad, place.lat_rad, 0.0);
        transform(&self.wgs84, &self.projection, &mut point).map_err(|e| outside(e.to_string()))?;
        if self.projection.is_latlong() {
            point = (point.0.to_degrees(), point.1.to_degrees(), 0.0);
        }
        if point.0.is_finite() && point.1.is_finite() {
            Ok(Coord {
                x: point.0,
                y: point.1,
            })
        } else {
            Err(outside("it is outside the projection's area".to_owned()))
        }
    }
}

fn shorten(definition: &str) -> String {
    const KEEP: usize = 80;
    let mut text: String = definition.chars().take(KEEP).collect();
    if definition.chars().count() > KEEP {
        text.push('…');
    }
    text
}
