//! The applications of the demo, each with the client through which it knows the portal.

use portal_core::access::Environment;

/// An application, its tile and its client.
pub(crate) struct DemoApplication {
    /// Code of the application.
    pub(crate) code: &'static str,
    /// Title of the tile.
    pub(crate) title: &'static str,
    /// Line under it.
    pub(crate) subtitle: &'static str,
    /// `client_id` of its relying party.
    pub(crate) client_id: &'static str,
    /// Which port after the portal's; `None` where no program runs.
    pub(crate) port: Option<u16>,
    /// Whether it is told the company ID of people.
    pub(crate) needs_company_id: bool,
    /// Whether it is told the roles of the operator's staff.
    pub(crate) needs_staff_roles: bool,
}

/// All of them, in the order of their tiles.
pub(crate) const APPLICATIONS: [DemoApplication; 6] = [
    DemoApplication {
        code: "CASPER",
        title: "CASPER",
        subtitle: "Submission of supervisory and statistical data",
        client_id: "casper",
        port: Some(1),
        needs_company_id: true,
        needs_staff_roles: true,
    },
    DemoApplication {
        code: "A-CASPER",
        title: "CASPER Pre-Production",
        subtitle: "The test environment of CASPER",
        client_id: "a-casper",
        port: Some(2),
        needs_company_id: true,
        needs_staff_roles: true,
    },
    DemoApplication {
        code: "SSM-PORTAL",
        title: "SSM Portal",
        subtitle: "IMAS: supervisory processes with the authorities",
        client_id: "ssm-portal",
        port: Some(3),
        needs_company_id: false,
        needs_staff_roles: true,
    },
    DemoApplication {
        code: "A-SSM-PORTAL",
        title: "SSM Portal Pre-Production",
        subtitle: "The test environment of the SSM Portal",
        client_id: "a-ssm-portal",
        port: Some(4),
        needs_company_id: false,
        needs_staff_roles: true,
    },
    DemoApplication {
        code: "ASTRA",
        title: "ASTRA",
        subtitle: "Information exchange",
        client_id: "astra",
        port: Some(5),
        needs_company_id: false,
        needs_staff_roles: false,
    },
    DemoApplication {
        code: "A-ASTRA",
        title: "ASTRA Pre-Production",
        subtitle: "The test environment of ASTRA",
        client_id: "a-astra",
        port: None,
        needs_company_id: false,
        needs_staff_roles: false,
    },
];

impl DemoApplication {
    /// The environment that the code tells.
    pub(crate) fn environment(&self) -> Environment {
        Environment::of_name(self.code)
    }
}
