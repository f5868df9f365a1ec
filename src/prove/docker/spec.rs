//! What a server's container is made of.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use bollard::models::{
    ContainerCreateBody, DeviceRequest, HostConfig, ImageInspect, PortBinding, ResourcesUlimits,
};

use super::{DockerError, Secrets};

/// The port that every server listens on, inside.
pub(super) const PORT: &str = "3000/tcp";

/// What a server's container is made of.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The prover's name in schedules.
    pub prover: String,
    /// Image.
    pub image: String,
    /// What follows the port and the program: `gpu`, `cpu`, `network --endpoint U`.
    pub arguments: Vec<String>,
    /// The guest program.
    pub elf: Arc<[u8]>,
    /// Environment.
    pub env: Vec<(String, String)>,
    /// Device ids of the GPUs that it gets; none for a prover on the CPU.
    pub gpus: Vec<String>,
    /// Shared memory, bytes.
    pub shm_bytes: Option<i64>,
    /// The most memory it may use, bytes; its share of its machine's where absent.
    pub memory_bytes: Option<i64>,
    /// The most processes and threads it may have.
    pub pids: i64,
    /// Capabilities that it keeps, such as `IPC_LOCK`. All others are taken from it.
    pub capabilities: Vec<String>,
    /// What its image has to be, `sha256:` and 64 digits: as a registry has it, or its own id.
    pub digest: Option<String>,
    /// Whether it may lock any amount of memory, as zisk needs.
    pub memlock: bool,
    /// How long it may take until it listens.
    pub start_limit: Duration,
}

impl Spec {
    /// What is not to be shown.
    pub fn secrets(&self) -> Secrets {
        Secrets::of(self.env.iter().map(|(_, value)| value))
    }

    /// The id of an image that is what it has to be.
    ///
    /// # Errors
    /// It is another.
    pub(super) fn accepted(&self, found: ImageInspect) -> Result<String, DockerError> {
        let id = found.id.unwrap_or_default();
        if let Some(digest) = &self.digest {
            let known = found.repo_digests.unwrap_or_default();
            let mut known = known.iter().filter_map(|one| Some(one.split_once('@')?.1));
            if id != *digest && !known.any(|one| one == digest) {
                let image = &self.image;
                return Err(DockerError(format!(
                    "image `{image}` is {id}, and has to be {digest}"
                )));
            }
        }
        Ok(id)
    }

    /// The request that creates the container.
    pub fn create_body(
        &self,
        publish: IpAddr,
        labels: HashMap<String, String>,
    ) -> ContainerCreateBody {
        let own = ["--port", "3000", "--elf-path", "/guest.elf"].map(str::to_owned);
        let device = DeviceRequest {
            driver: None,
            count: None,
            device_ids: Some(self.gpus.clone()),
            capabilities: Some(vec![vec!["gpu".into()]]),
            options: None,
        };
        let binding = PortBinding {
            host_ip: Some(publish.to_string()),
            host_port: Some("0".into()),
        };
        ContainerCreateBody {
            image: Some(self.image.clone()),
            cmd: Some(own.into_iter().chain(self.arguments.clone()).collect()),
            env: Some(self.env.iter().map(|(k, v)| format!("{k}={v}")).collect()),
            exposed_ports: Some(vec![PORT.into()]),
            labels: Some(labels),
            host_config: Some(HostConfig {
                port_bindings: Some(HashMap::from([(PORT.into(), Some(vec![binding]))])),
                shm_size: self.shm_bytes,
                memory: self.memory_bytes,
                // Swapping would turn a lack of memory into a slow proof.
                memory_swap: self.memory_bytes,
                ulimits: self.memlock.then(|| {
                    vec![ResourcesUlimits {
                        name: Some("memlock".into()),
                        soft: Some(-1),
                        hard: Some(-1),
                    }]
                }),
                pids_limit: Some(self.pids),
                security_opt: Some(vec!["no-new-privileges:true".into()]),
                cap_drop: Some(vec!["ALL".into()]),
                cap_add: (!self.capabilities.is_empty()).then(|| self.capabilities.clone()),
                device_requests: (!self.gpus.is_empty()).then(|| vec![device]),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn spec() -> Spec {
        Spec {
            prover: "zisk".into(),
            image: "ere-server-zisk:0.16.2-cuda".into(),
            arguments: vec!["gpu".into()],
            elf: Arc::new([]),
            env: vec![("ERE_ZISK_X".into(), "1".into())],
            gpus: vec!["0".into(), "3".into()],
            shm_bytes: Some(32 << 30),
            memory_bytes: Some(64 << 30),
            pids: 16_384,
            capabilities: vec!["IPC_LOCK".into()],
            digest: None,
            memlock: true,
            start_limit: Duration::from_mins(5),
        }
    }

    #[test]
    fn an_image_of_another_digest_is_refused() {
        let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
        let (id, pulled, other) = (digest("1"), digest("2"), digest("3"));
        let asked = |digest: Option<&String>| {
            let spec = Spec {
                digest: digest.cloned(),
                ..spec()
            };
            spec.accepted(ImageInspect {
                id: Some(id.clone()),
                repo_digests: Some(vec![format!("registry:5000/zisk@{pulled}")]),
                ..ImageInspect::default()
            })
        };
        for accepted in [None, Some(&id), Some(&pulled)] {
            assert_eq!(asked(accepted).unwrap(), id, "{accepted:?}");
        }
        let refused = asked(Some(&other)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("image `ere-server-zisk:0.16.2-cuda` is {id}, and has to be {other}")
        );
        // One that the engine knows nothing of is no exception.
        let spec = Spec {
            digest: Some(id.clone()),
            ..spec()
        };
        assert!(spec.accepted(ImageInspect::default()).is_err());
    }

    #[test]
    fn gpus_are_asked_for_by_their_ids() {
        let spec = spec();
        let here = [127, 0, 0, 1].into();
        let labels = HashMap::from([("reprice.prover".to_owned(), "zisk".to_owned())]);
        let body = serde_json::to_value(spec.create_body(here, labels.clone())).unwrap();
        let expected = json!({
            "Image": "ere-server-zisk:0.16.2-cuda",
            "Cmd": ["--port", "3000", "--elf-path", "/guest.elf", "gpu"],
            "Env": ["ERE_ZISK_X=1"],
            "ExposedPorts": { "3000/tcp": {} },
            "Labels": { "reprice.prover": "zisk" },
            "HostConfig": {
                "PortBindings": { "3000/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "0" }] },
                "ShmSize": 34_359_738_368_u64,
                "Memory": 68_719_476_736_u64,
                "MemorySwap": 68_719_476_736_u64,
                "Ulimits": [{ "Name": "memlock", "Soft": -1, "Hard": -1 }],
                "PidsLimit": 16_384,
                "SecurityOpt": ["no-new-privileges:true"],
                "CapDrop": ["ALL"],
                "CapAdd": ["IPC_LOCK"],
                "DeviceRequests": [{
                    "DeviceIDs": ["0", "3"],
                    "Capabilities": [["gpu"]],
                }],
            },
        });
        assert_eq!(body, expected, "{body:#}");
        let on_cpu = Spec {
            gpus: Vec::new(),
            ..spec
        };
        let body = serde_json::to_value(on_cpu.create_body(here, labels)).unwrap();
        assert!(
            body["HostConfig"].get("DeviceRequests").is_none(),
            "{body:#}"
        );
    }
}
